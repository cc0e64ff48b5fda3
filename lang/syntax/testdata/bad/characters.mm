# a comment of another language // want "`#` does not start a comment"
/* and another */ // want "`/\*` does not start a comment"
model M() {
  graph g(x: [N, D]) -> [N, D] {
    a = x && y // want "the character `&` has no meaning here"
    b = !x // want "the character `!` has no meaning here"
    c = 'text' // want "single quotes do not make a string"
    d = "text // want "has no closing"
    e = 1. + x // want "a number does not end in a point"
    f = 0...n // want "a number does not end in a point"
    g = 3x // want "`3x` is neither a number nor a name"
    h = x ^ 2 // want "the character `\^` has no meaning here"
    i = β * x // want "the character `β` has no meaning here"
    j = "\q" // want "unknown escape"
    k = 0x1F // want "`0x1F` is neither a number nor a name"
    x
  }
}
