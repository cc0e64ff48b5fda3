// What every file sees without asking.
import "std/math"
import "std/loss"
import "std/nn"
import "std/optim"
