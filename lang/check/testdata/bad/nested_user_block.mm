block Inner()(x: [N, D]) -> [N, D] { x + bias } // want "bias is not known here"
block Outer()(x: [N, D]) -> [N, D] { x |> inner: Inner() }
model M() { graph g(x: [N, 4]) -> [N, 4] { x |> outer: Outer() } }
