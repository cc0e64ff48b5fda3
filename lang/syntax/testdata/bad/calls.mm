model M() {
  graph g(x: [N, D]) -> [N, D] {
    a = conv(64, stride 2) // want "expected `\)` or `,` in the arguments, found `2`"
    b = conv(x, stride = 2) // want "a named argument is written with `:`"
    c = x[1 2] // want "expected `\]` or `,` in the subscript, found `2`"
    d = x[] // want "expected a subscript, found `\]`"
    e = [1 2] // want "expected `\]` or `,` in the list, found `2`"
    f = () // want "empty parentheses have no value"
    h = f(1; 2) // want "expected `\)` or `,` in the arguments, found `;`"
    i = x.(3) // want "expected a name, found `\(`"
    j = x < y < z // want "`<` cannot follow `<` without parentheses"
    k = 0..1..2 // want "`\.\.` cannot follow `\.\.` without parentheses"
    l = c ? a : b // want "there is no operator `\?`"
    m = +3 // want "expected an expression after `=`, found `\+`"
    n = 3.T // want "a number does not end in a point"
    o = 3(x) // want "expected the end of the statement, found `\(`"
    x
  }
}
