package recipes

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed70860981/slack-admin-sessions/wrapper"
)

// Traced makes a span of every request that base sends; nil means [http.DefaultTransport]. Spans name the
// method of Slack, and carry neither a token nor a user: Slack's URLs hold neither, headers and bodies are
// not recorded. Slack is not told the trace.
func Traced(base http.RoundTripper, tracers trace.TracerProvider, meters metric.MeterProvider) *http.Client {
	return &http.Client{Transport: otelhttp.NewTransport(base,
		otelhttp.WithTracerProvider(tracers),
		otelhttp.WithMeterProvider(meters),
		otelhttp.WithPropagators(propagation.NewCompositeTextMapPropagator()),
		otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return r.Method + " " + r.URL.Path }),
	)}
}

// Metered is an Observe that counts the requests by method and outcome. It measures how long each took and how long the
// wait after it is. An outcome is "ok" or a word of [wrapper.Reason], so there are few of them.
func Metered(meters metric.MeterProvider) (func(context.Context, wrapper.Attempt), error) {
	meter := meters.Meter("github.com/seed70860981/slack-admin-sessions")
	requests, err1 := meter.Int64Counter("slack.requests", metric.WithUnit("{request}"))
	elapsed, err2 := meter.Float64Histogram("slack.request.duration", metric.WithUnit("s"))
	delay, err3 := meter.Float64Counter("slack.request.delay", metric.WithUnit("s"))
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	return func(ctx context.Context, a wrapper.Attempt) {
		labels := metric.WithAttributes(
			attribute.String("slack.method", a.Method),
			attribute.String("slack.outcome", cmp.Or(wrapper.Reason(a.Err), "ok")),
		)
		requests.Add(ctx, 1, labels)
		elapsed.Record(ctx, a.Elapsed.Seconds(), labels)
		delay.Add(ctx, a.Delay.Seconds(), labels)
	}, nil
}
