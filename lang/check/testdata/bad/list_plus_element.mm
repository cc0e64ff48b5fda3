model M() {
  graph g(x: [N, 4]) -> [N, 4] { xs = []; xs = xs + 3; x } // want "\+ does not apply to \[\] and 3"
}
