// VGG (Simonyan and Zisserman, 2014): stages of 3x3 convolutions between poolings. The labels are torchvision's, where the
// layers of all stages are numbered through, activations and poolings included.
model VGG(
  stages: [[int]] = [[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]],
  classes: int = 1000,
  dropout: float = 0.5,
)
{
  // The scores of the classes, for pixels normalised as ImageNet's.
  graph classify(image: [N, 3, 224, 224]) -> [N, classes] {
    x = image
    number = 0
    for widths in stages {
      for width in widths {
        x = x |> features.{number}: Conv2d(width, 3, pad: 1) |> relu
        number = number + 2
      }
      x = max_pool2d(x, 2)
      number = number + 1
    }
    rearrange(x, "n c h w -> n (c h w)")
      |> classifier.0: Linear(4096) |> relu |> classifier.2: Dropout(dropout)
      |> classifier.3: Linear(4096) |> relu |> classifier.5: Dropout(dropout)
      |> classifier.6: Linear(classes)
  }
  expect params(classify) == 138_357_544
}
model VGG11 = VGG(stages: [[64], [128], [256, 256], [512, 512], [512, 512]]) { expect params(classify) == 132_863_336 }
model VGG13 = VGG(stages: [[64, 64], [128, 128], [256, 256], [512, 512], [512, 512]]) { expect params(classify) == 133_047_848 }
model VGG16 = VGG() { expect params(classify) == 138_357_544 }
model VGG19 = VGG(stages: [[64, 64], [128, 128], [256] * 4, [512] * 4, [512] * 4]) { expect params(classify) == 143_667_240 }
