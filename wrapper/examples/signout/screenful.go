package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// screenful holds remarks, and counts those that a screen has no room for.
type screenful struct {
	shown []string
	more  int
}

const mostShown = 20

func (s *screenful) add(remark string) {
	if len(s.shown) < mostShown {
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

// err is nil where there are no remarks.
func (s *screenful) err() error {
	if len(s.shown) == 0 {
		return nil
	}
	return errors.New(strings.Join(s.lines(), "\n"))
}
