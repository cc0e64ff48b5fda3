model M() {
  graph g(x: [N, D]) -> [N, D] {
    if x == 3: // want "expected `\{`, found `:`"
    if x = 3 { y = 1 } // want "`=` does not compare"
    for i = 0..3 { y = i } // want "expected `in`, found `=`"
    for i in 0..3 // want "expected `\{`, found the end of the line"
    for in 0..3 { } // want "expected a name, found the keyword `in`"
    y = if training { x } // want "an `if` that is used as a value needs an `else`"
    y = in { x } // want "expected a mode after `in`, found `\{`"
    y = in eval{ x } // want "a `\{` glued to a name opens an interpolation, not a body"
    y = scan in x with h = 0 { yield x } // want "expected the element's name after `scan`, found the keyword `in`"
    y = scan a x with h = 0 { yield a } // want "expected `in` after the names of `scan`, found `x`"
    y = scan a in x with h { yield a } // want "expected `=` and the first value of the carried name, found `\{`"
    y = scan a in x with h = 0 with g = 0 { yield a } // want "`with` stands here a second time"
    y = loop 3 in x { yield a } // want "expected the counter's name after `loop`, found `3`"
    y = loop i in x until y // want "expected `\{` of the `loop`, found the keyword `until`"
    y = cond x { 1 } else { 2 } // want "expected `\(` after `cond`, found `x`"
    y = cond(x) { 1 } // want "expected `else` after the body of `cond`, found the end of the line"
    yield // want "expected an expression after `yield`"
    y
  }
}
