// A size that only the run knows, where it must be known before.
fn first(x: [?K <= 4, D]) { x[0] } // want "\?K is known after the run alone, so it stands in the type of a result"

model M() {
  graph f(x: [?N <= 8, 4]) -> [4] { sum(x, axes: [0]) } // want "\?N is known after the run alone"
  graph g(x: [4, 4]) -> [4] { first(x) }
  graph h(x: [N, 4]) -> [?K <= 3, 4] { x } // want "the result of h must be \[\?K <= 3, 4\], not \[N, 4\]: N is not known to be at most 3"
  graph i(x: [N, 4]) -> [?K <= L, 4] { x } // want "L is not known here"
  graph j(x: [N, 4]) -> [?K <= N - 1, 4] where N > 1 { x[1:] }
}
