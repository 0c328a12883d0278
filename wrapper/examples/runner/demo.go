package runner

import (
	"bytes"
	"fmt"
)

// printAccount compares the results of a demo with the sessions that are left on the embedded Slack.
func (r *run[O]) printAccount(w *bytes.Buffer) {
	var out, others, outLeft, othersLeft int
	for i, o := range r.outcomes {
		if r.list.Items[i].Skip != nil {
			continue
		}
		left := r.Left(r.embedded, r.list.Items[i].Options)
		if o.Status == statusOut {
			out, outLeft = out+1, outLeft+left
		} else {
			others, othersLeft = others+1, othersLeft+left
		}
	}
	fmt.Fprintf(w, "\nThe embedded Slack's own account: of the %d %s, %d sessions are left; of the %d others, %d.\n", out, r.text(statusOut), outLeft, others, othersLeft)
	fmt.Fprintf(w, "With a list of your own: %[1]s --dry-run FILE shows what would happen, %[1]s --live FILE does it.\n", r.Name)
}
