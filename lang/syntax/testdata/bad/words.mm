// Words of other languages and misspelt ones.
modle M() { // want "`modle` begins no statement"
  y = 1
}
def f(x: [...]) -> [...] { x } // want "`def` begins no statement"
grpah g() { } // want "`grpah` begins no statement"
model N() {
  graph g(x: [N]) -> [N] {
    if training { y = x }
    elif decoding { y = -x } // want "`elif` begins no statement"
    else if self { y = x } // want "belongs to no `if`"
    while x > 0 { x = x - 1 } // want "`while` begins no statement"
    until x // want "the keyword `until` begins no statement"
    * x // want "a line cannot begin with `\*`"
    retrun x // want "`retrun` begins no statement"
  }
  train t(x: [N]) {
    minimise l = sum(x) using adam() // want "`minimise` begins no statement"
  }
}
