model M() {
  state s: [4] init 0
  train t(x: [N, 4]) {
    update s = x // want "s must be \[4\], not \[N, 4\]"
  }
}
