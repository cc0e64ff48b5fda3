block Deep()(x: [N, 4]) -> [N, 4] { x |> inner: Deep() } // want "calls are nested deeper than 256: does the recursion end"
model M() { graph g(x: [N, 4]) -> [N, 4] { x |> d: Deep() } }
