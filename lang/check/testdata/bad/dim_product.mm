fn area(x: [H * W]) -> [H, W] { x } // want "is introduced in an expression that does not determine it"
model M() { graph g(x: [12]) -> [3, 4] { area(x) } }
