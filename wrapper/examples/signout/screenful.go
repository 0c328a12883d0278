package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// screenful holds the remarks that fit on a screen, and counts the others.
type screenful struct {
	shown []string
	more  int
}

const maxShown = 20

func (s *screenful) add(remark string) {
	if len(s.shown) < maxShown {
		s.shown = append(s.shown, remark)
	} else {
		s.more++
	}
}

func (s *screenful) lines() []string {
	if s.more > 0 {
		return append(slices.Clip(s.shown), fmt.Sprintf("and %d more", s.more))
	}
	return s.shown
}

// err returns the remarks as an error, nil if there are none.
func (s *screenful) err() error {
	if len(s.shown) == 0 {
		return nil
	}
	return errors.New(strings.Join(s.lines(), "\n"))
}
