//go:build !race

package pace

const defaultSeeds = 32
