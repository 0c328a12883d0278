package runner

import (
	"context"
	"io"
	"iter"
	"net/http"
	"os"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
	"github.com/seed70860981/slack-admin-sessions/wrapper/slacktest"
)

// The exit statuses.
const (
	AllOut  = iota // all items are out
	SomeNot        // some are not, or may not be; or the report could not be written
	Usage          // wrong usage or input; nothing was sent
	Stopped        // the run ended before it was through with the list
	Nothing        // nothing to do, and nothing was sent
)

// Program is what one program is about. O holds the options of one call.
type Program[O any] struct {
	Name      string
	Method    string            // of Slack that it calls
	Does      string            // what -h says first
	Examples  string            // what -h says last
	Item      string            // what the list is of, for instance "user"
	Out       string            // what is said of an item that is out, for instance "signed out"
	Gone      wrapper.ErrorCode // refusal that says that the item is out already; "" = none
	NotThere  wrapper.ErrorCode // refusal of an item that Slack does not know, or that an earlier attempt has ended; "" = none
	NoneThere string            // printed if Slack knows no item

	SkipsApart  bool // items that no call is made for are not counted as items
	TakesReport bool // a report is a list that the program reads

	Flags any // the program's own: a pointer to a struct with tags of github.com/alecthomas/kong; nil = none

	Load func(*Input) (*List[O], error)
	Call func(*wrapper.Client, context.Context, iter.Seq[O], wrapper.BulkOptions) iter.Seq[wrapper.BulkResult[O]]

	Demo func(*List[O]) *slacktest.Slack          // the embedded Slack
	Left func(*slacktest.Slack, O) (sessions int) // that the embedded Slack still has of those that a call is to end
}

// List is what is to be done.
type List[O any] struct {
	About    string    // which sessions of the items end; "" = the items are sessions. It is the same in all runs with one journal
	Out      string    // what is said of an item that is out; "" = the program's Out
	Items    []Item[O] // each once
	Header   []string  // of the items' columns
	Notes    []string  // said before the run
	Warnings []string  // said before and after the run
}

// Item is one call to make, or what may be meant and cannot be done.
type Item[O any] struct {
	ID      string // unique in the list; what the journal calls it
	Label   string // what the lines call it; "" = ID, with Name and Address
	Name    string // of the person; "" = not known
	Address string // e-mail address of the person; "" = not known
	Options O
	Columns []string // kept in the report

	// Skip is the status of an item that no call is made for, such as "not found"; "" = it is called for. Such an
	// item needs no unique ID, is listed before and after the run, and makes exit statuses 0 and 4 to 1.
	Skip string
	Why  string // what keeps it from being called for
}

// Env is what a program meets outside.
type Env struct {
	Args           []string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Signals        func() <-chan os.Signal // from the call on; until then they end the process
	Transport      http.RoundTripper       // to Slack; nil = the network
}
