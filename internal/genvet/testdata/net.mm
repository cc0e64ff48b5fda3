// A small residual network, for tests that change its text.
model Net() {
  graph classify(image: [N, 3, H, W]) -> [N, 10] {
    x = image |> stem: Conv2d(16, 3, pad: 1) |> relu
    for i in 0..2 {
      y = x |> conv{i}.a: Conv2d(16, 3, pad: 1) |> relu
      y = y |> conv{i}.b: Conv2d(16, 3, pad: 1)
      x = relu(x + y)
    }
    x |> last: Conv2d(16, 1) |> mean(axes: [2, 3]) |> head: Linear(10)
  }
}
