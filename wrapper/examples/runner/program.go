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

// Exit statuses.
const (
	AllOut  = iota // all items are out
	SomeNot        // some items are not out, or may not be; or the report could not be written
	Usage          // wrong usage or input; nothing was sent
	Stopped        // the run stopped early
	Nothing        // there was nothing to do; nothing was sent
)

// A Program ends the sessions of a list of items. O holds the options of one call.
type Program[O any] struct {
	Name     string
	Method   string            // Slack method that it calls
	Intro    string            // text above the flags in the help
	Examples string            // text below the flags in the help
	Item     string            // name of an item, such as "user"
	Already  wrapper.ErrorCode // refusal that means that the item is out already; "" = none
	NotThere wrapper.ErrorCode // refusal that means that Slack does not have the item; "" = none

	NoneThere    string // warning if Slack has none of the items
	ReadsReports bool   // a report can be the list of another run

	Flags any // pointer to a struct with the program's own flags, as github.com/alecthomas/kong reads it; nil = none

	Load func(*Input) (*List[O], error)
	Call func(*wrapper.Client, context.Context, iter.Seq[O], wrapper.BulkOptions) iter.Seq[wrapper.BulkResult[O]]

	Demo func(*List[O]) *slacktest.Slack          // returns the embedded Slack
	Left func(*slacktest.Slack, O) (sessions int) // how many of the sessions that a call ends are left on it

	Line func(*Item[O]) string // returns the text for an item in lines; nil = ID, Name and Address
}

// A List is what a run has to do.
type List[O any] struct {
	Sessions string     // sessions of each item that end, the same in all runs with one journal; "" = the items are sessions
	Out      string     // text for the status "out", such as "signed out"
	Items    []*Item[O] // in the order of the list
	Header   []string   // names of the items' columns
	Comma    rune       // separator of the report's cells; 0 = comma
	Notes    []string   // printed before the run
	Warnings []string   // printed before and after the run
	Partial  bool       // items may be missing, as a warning tells, so exit statuses 0 and 4 become 1
}

// An Item is one call to make, or a line of the list for which no call can be made.
type Item[O any] struct {
	ID      string // identifies the item in the list and in the journal
	Name    string // name of the person; "" if not known
	Address string // e-mail address of the person; "" if not known
	Options O
	Row     Row   // cells of the list that the report keeps
	Skip    *Skip // nil if a call is made
}

// A Skip tells why no call is made for an item. A skipped item needs no unique ID, is listed before and after the run, and
// turns the exit statuses 0 and 4 into 1.
type Skip struct {
	Status string // such as "not found"
	Why    string
}

// Env is the environment of a program.
type Env struct {
	Args           []string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Signals        func() <-chan os.Signal // begins to catch signals; before that they end the process
	Transport      http.RoundTripper       // nil = the network
}
