// What the language will have is not called unknown; a program may declare it.
model M() {
  graph f(q: [N, H, T, D]) -> [N, H, T, D] { attend(q, q, q, causal: true) } // want "the operator attend is not compiled yet"
  graph g(x: [N, 4]) -> [N, 4] { x |> cumsum(axis: 1) } // want "the operator cumsum is not compiled yet"
  graph h(x: [N, 4]) -> [N, 4] { sort(x) }
}

fn sort(x: [...]) -> [...] { x }
