model M() {
  param w = 3 // want "expected `:`, found `=`"
  param v: [N] = 0 // want "the value of a `param` is written with `init`"
  param u: [N] intt normal() // want "expected the end of the statement, found `intt`"
  random r: [N] init normal() // want "the value of a `random` is written with `=`"
  state s [N] // want "expected `:`, found `\[`"
  const c: [N] // want "expected `=`, found the end of the line"
  optimizer o adam() // want "expected .*, found `adam`"
  alias a.b c.d // want "expected `=`, found `c`"
  expect params(g) = 3 // want "`=` does not compare"
  freeze // want "expected an expression after `freeze`"
  train t(x: [N]) {
    minimize l = sum(x) // want "expected `using`, found the end of the line"
    minimize sum(x) using adam() // want "expected"
    minimize l = sum(x) using adam() over G // want "expected the end of the statement, found the keyword `over`"
    minimize using adam() // want "`minimize` needs a named loss"
    update x + 1 = 3 // want "expected `=`, found `\+`"
    update x // want "expected `=`, found the end of the line"
    report // want "expected an expression after `report`"
    return // want "expected an expression after `return`"
    x // want "this value is not used"
    - y // want "this value is not used"
    x
  }
}
