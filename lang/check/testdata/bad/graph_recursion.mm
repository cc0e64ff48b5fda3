model M() { graph g(x: [N, 4]) -> [N, 4] { g(x) } } // want "calls are nested deeper than 256"
