package pace

import "slices"

// queue holds the calls that wait, in the order of their places.
type queue struct {
	calls []*Call
	last  int // place that was given away
}

// place puts c into the queue: to its end, or where its turn was given back, ahead of those that came later.
func (q *queue) place(c *Call) {
	if slices.Contains(q.calls, c) {
		return
	}
	if c.place == 0 {
		q.last++
		c.place = q.last
	}
	i := len(q.calls)
	for i > 0 && q.calls[i-1].place > c.place {
		i--
	}
	q.calls = slices.Insert(q.calls, i, c)
}

func (q *queue) remove(c *Call) {
	if i := slices.Index(q.calls, c); i >= 0 {
		q.calls = slices.Delete(q.calls, i, i+1)
	}
}

func (q *queue) wakeAll() {
	for _, c := range q.calls {
		c.wake()
	}
}

func (c *Call) wake() {
	if c == nil {
		return
	}
	select {
	case c.woken <- struct{}{}:
	default: // it was told already
	}
}

// listen makes wake known to the call.
func (c *Call) listen() {
	if c.woken == nil {
		c.woken = make(chan struct{}, 1)
	}
}
