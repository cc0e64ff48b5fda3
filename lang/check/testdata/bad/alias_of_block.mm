block B()(x: [N]) -> [N] { x }
model A = B() // want "an alias names a model, and this is a block"
