model M() {
  graph g(x: [N, 3, H, W]) -> [N, 8, H, W] {
    y = x |> bn: BatchNorm2d(momentum: "slow") // want "momentum of BatchNorm2d must be a float, not \"slow\""
    z = x |> gn: GroupNorm(2) // want "GroupNorm needs 3 % 2 == 0"
    w = x |> cv: Conv2d(8, [3, 3, 3, 3]) |> relu
    v = x |> pool: Conv2d(8, 3, stride: 0) // want "conv: .*stride"
    u = cross_entropy(x, x, axis: 1) // want "take: ids must be"
    x |> cw: Conv2d(8, [3]) // want "index 1 of a list of 1"
  }
}
