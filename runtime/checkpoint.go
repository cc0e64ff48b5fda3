package rt

import "strconv"

// A checkpoint is one safetensors file: weights and states under their plain names, so that a model loads it as it
// is, optimiser slots and the trainer's own cells under names that begin with @, and its place in the training in
// the metadata.

// A Place is where a training stands.
type Place struct {
	Step  uint64
	Epoch uint64
	Seed  uint64
}

// Metadata keys of a checkpoint.
const (
	stepKey      = "step"
	epochKey     = "epoch"
	seedKey      = "seed"
	interfaceKey = "interface" // InterfaceHash of the model's weights
)

// SlotName is the name of an optimiser's slot for a parameter, as @opt/step.loss/m/conv1.weight.
func SlotName(optimizer, slot, param string) string {
	return "@opt/" + optimizer + "/" + slot + "/" + param
}

// StateName is the name of a cell of the trainer itself.
func StateName(name string) string { return "@state/" + name }

// SaveCheckpoint writes a checkpoint as WriteFileAtomic does: a training that is interrupted while it saves finds
// the checkpoint before.
func SaveCheckpoint(path string, at Place, interfaceHash string, tensors []Source) error {
	return SaveSafeTensors(path, map[string]string{
		"format":     "pt", // what other programs' loaders ask for
		stepKey:      strconv.FormatUint(at.Step, 10),
		epochKey:     strconv.FormatUint(at.Epoch, 10),
		seedKey:      strconv.FormatUint(at.Seed, 10),
		interfaceKey: interfaceHash,
	}, tensors)
}

// PlaceOf reads a checkpoint's metadata, after MatchWeights, whose error says more. A file that never was a checkpoint is at the start of training, with
// found false. One of a model with other weights is refused; one that does not say is left to MatchWeights.
func PlaceOf(file *SafeTensors, interfaceHash string) (at Place, found bool, err error) {
	if hash := file.Metadata[interfaceKey]; hash != "" && hash != interfaceHash {
		return at, false, file.fault("checkpoint of another model: its interface is " + hash + ", this model's " + interfaceHash)
	}
	for _, field := range []struct {
		key string
		to  *uint64
	}{{stepKey, &at.Step}, {epochKey, &at.Epoch}, {seedKey, &at.Seed}} {
		text, ok := file.Metadata[field.key]
		if !ok {
			continue
		}
		if *field.to, err = strconv.ParseUint(text, 10, 64); err != nil {
			return Place{}, false, within(file.name, within("metadata "+strconv.Quote(field.key)+" is not a count", err))
		}
		found = true
	}
	return at, found, nil
}
