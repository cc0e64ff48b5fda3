block A()(x: [N, 4]) -> [N, 4] { x |> b: Linear(4) }
model M() {
  graph g(x: [N, 4]) -> [N, 4] { x |> a: A() |> a.b: Linear(4) } // want "would be called a.b.weight"
}
