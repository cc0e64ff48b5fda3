fn f(x: [...], mask: [...]) -> [...] { x * mask }
model M() { graph g(x: [N]) -> [N] { f(x) } } // want "f needs mask"
