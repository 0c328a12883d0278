package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// where is the first line of every run.
func (s settings) where() string {
	where := "On the embedded Slack: no session really ends. With -live it is for real."
	if s.live {
		where = "Live, on " + s.baseURL() + "."
	}
	if s.dryRun {
		where += " Dry run: nothing is sent."
	}
	return where
}

func (s settings) baseURL() string {
	if s.gov {
		return wrapper.GovSlackBaseURL
	}
	return wrapper.DefaultBaseURL
}

func (s settings) newClient(w world, env environment) (*wrapper.Client, error) {
	opts := wrapper.Options{BaseURL: s.baseURL()}
	if !s.live {
		opts.HTTPClient = &http.Client{Transport: w.slack()}
		return wrapper.New(wrapper.StaticToken("xoxp-test-embedded"), opts)
	}
	if env.transport != nil {
		opts.HTTPClient = &http.Client{Transport: env.transport}
	}
	token := env.getenv("SLACK_TOKEN")
	if token == "" {
		return nil, errors.New("-live needs a token: set the environment variable SLACK_TOKEN")
	}
	return wrapper.New(wrapper.StaticToken(token), opts)
}

// confirm asks before sessions end for real.
func (s settings) confirm(n int, took time.Duration, env environment) error {
	if !s.live || s.yes {
		return nil
	}
	if !env.terminal {
		return errors.New("-live asks before it ends any session, and standard input is no terminal to ask on: add -yes; nothing was sent")
	}
	fmt.Fprintf(env.stderr, "End %s? At %d a minute it takes about %v. Type yes to go on: ",
		plural(n, "session", "sessions"), documentedRate, took)
	answer, err := bufio.NewReader(env.stdin).ReadString('\n')
	if err != nil && err != io.EOF {
		return err
	}
	if strings.TrimSpace(answer) != "yes" {
		return errors.New("not confirmed; nothing was sent")
	}
	return nil
}
