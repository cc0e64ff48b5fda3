// Slips in bindings.
model M() {
  graph g(x: [N, D]) -> [N, D] {
    a := x // want "`:=` is not an operator"
    b == relu(x) // want "comparison stands alone"
    c = d = x // want "a statement binds once"
    (e, f) = split(x, 2, axis: 1) // want "targets of a binding stand without parentheses"
    h[0] = x // want "only a plain name can be bound"
    k.weight = x // want "only a plain name can be bound"
    m = // want "expected an expression after `=`, found"
    n = x +* 2 // want "expected an expression after `\+`, found `\*`"
    o += x // want "there is no operator `\+=`"
    p: [N, D] = x // want "a binding has no type"
    q = 3 3 // want "expected the end of the statement, found `3`"
    update = 3 // want "`update` is a keyword and cannot name a value"
    r = x + state // want "expected an expression after `\+`, found the keyword `state`"
    let s = x // want "`let` begins no statement"
    x
  }
}
