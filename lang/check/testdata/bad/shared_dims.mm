model M() {
  graph g(x: [N, 4], y: [N, 8]) -> [N, 2] {
    a = x |> fc: Linear(2)
    a + fc(y) // want "fc.weight has the type \[2, 4\] since its first call; this call needs \[2, 8\]"
  }
}
