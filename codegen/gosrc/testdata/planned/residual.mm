// What networks with batch statistics are made of, at a size for tests, trained with all that adamw can be given.
import "../../../../examples/resnet/resnet"

model Residual(classes: int = 10) {
  graph classify(image: [N, 3, H, W]) -> [N, classes] {
    image |> stem: Conv2d(40, 7, stride: 2, pad: 3) |> relu |> a: BasicBlock(40) |> b: BasicBlock(24, stride: 2) |> c: Bottleneck(9)
      |> mean(axes: [2, 3]) |> drop: Dropout(0.25) |> fc: Linear(classes)
  }
  train step(images: [N, 3, H, W], labels: i32[N]) {
    minimize loss = cross_entropy(classify(images), labels, axis: 1) using adamw(lr: cosine(1e-3, warmup: 2, total: 10)) clip norm(1.0)
  }
}
