model M() {
  graph g(x: [N, 10]) -> [N, 3, 3] { rearrange(x, "n (a b) -> n a b", a: 3) } // want "axis \(a b\) has size 10, which is not divisible by 3"
}
