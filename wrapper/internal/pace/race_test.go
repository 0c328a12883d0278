//go:build race

package pace

// The simulation has no concurrency, so the race detector only makes it slow.
const defaultSeeds = 8
