import "no/such" // want "there is no file testdata/bad/no/such.mm"
model M() { graph g(x: [N, 4]) -> [N, 4] { x } }
