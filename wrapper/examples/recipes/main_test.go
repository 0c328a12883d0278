package recipes

import (
	"context"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

const (
	databaseVariable = "RECIPES_TEST_DATABASE"
	slackVariable    = "RECIPES_TEST_SLACK"
)

// TestMain makes this binary the program that a test kills.
func TestMain(m *testing.M) {
	if file := os.Getenv(databaseVariable); file != "" {
		if err := signOutFrom(file, os.Getenv(slackVariable)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

func signOutFrom(file, baseURL string) error {
	db, err := open(file)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // its writes are done
	client, err := wrapper.New(wrapper.StaticToken("xoxp-test-token"), wrapper.Options{BaseURL: baseURL})
	if err != nil {
		return err
	}
	return SignOutFromDatabase(context.Background(), client, db)
}
