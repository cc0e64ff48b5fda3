fn f(x: [...]) { x |> fc: Linear(4) } // want "a fn makes no instances"
model M() { graph g(x: [N, 4]) -> [N, 4] { f(x) } }
