model M() {
  a: 3 // want "a label names an instance of a block"
  b: Linear(3) |> relu // want "expected the end of the statement, found `\|>`"
  graph g(x: [N, D]) -> [N, D] {
    y = conv1: Conv2d(64) // want "a label may stand only at statement start or directly after `\|>`"
    z = x + (conv2: Conv2d(64)) // want "a label may stand only at statement start"
    q = x |> dec: Decoder() - x // want "the operator `-` after a pipe needs parentheses"
    r = x |> enc: // want "expected a function, a block or a label after `\|>`"
    s = x |> // want "expected a function, a block or a label after `\|>`"
    t = x |> 3 // want "expected a function, a block or a label after `\|>`, found `3`"
    if x{ y = 2 } // want "a `\{` glued to a name is an interpolation"
    v = w{} // want "a `\{` glued to a name is an interpolation"
    x
  }
}
