// A value that the caller keeps, and a schedule that follows the caller's epochs.
model Carry() {
  graph mix(x: [N, 4], h: inout [N, 4]) -> [N, 4] {
    update h = 0.5 * h + x
    2 * h
  }
  train step(x: [N, 4], h: inout [N, 4]) {
    y = x + h |> fc: Linear(4)
    update h = y
    minimize loss = mean(y**2) using sgd(lr: 0.1 * (f32(epoch) + 1) / f32(epoch_steps))
    report at = f32(epoch)
  }
}
