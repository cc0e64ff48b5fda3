fn f(n: int) { f(n + 1) } // want "calls are nested deeper than 256"
model M() { graph g(x: [N, 4]) -> [N, 4] { f(0) } }
