import "no/such" // want "cannot read testdata/bad/no/such.mm"
model M() { graph g(x: [N, 4]) -> [N, 4] { x } }
