block B(n: int)(x: [N, D]) -> [N, D] {
  a = x + y1 // want "y1 is not known"
  b = x |> l1: Linear(n, n, n) // want "Linear takes \(out, bias\), and this is one more"
  c = x[0, 0, 0] // want "3 subscripts for 2 axes"
  d = max_pool2d(x, 2) // want "x of max_pool2d must be \[N, C, H, W\]"
  e = concat(x, x, axes: 1) // want "concat has no parameter axes"
  f = softmax(x, axis: "last") // want "axis of softmax must be an int"
  g = x + f64(x) // want "have different element types"
  x
}
model M() { graph g(x: [N, 4]) -> [N, 4] { x |> b: B(2) |> c: B(3) } }
