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

// Traced returns a client that makes a span of every request that base sends; [Transport] makes a base. Spans name Slack's
// method. They hold no token and no user, because they record no headers and bodies. The requests do not carry the trace to
// Slack.
func Traced(base http.RoundTripper, tracers trace.TracerProvider, meters metric.MeterProvider) *http.Client {
	return &http.Client{Transport: otelhttp.NewTransport(base,
		otelhttp.WithTracerProvider(tracers),
		otelhttp.WithMeterProvider(meters),
		otelhttp.WithPropagators(propagation.NewCompositeTextMapPropagator()),
		otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return r.Method + " " + r.URL.Path }),
	)}
}

// Metered returns an Observe that counts attempts by method and outcome, and measures their time and the waits that follow
// them. An outcome is "ok" or a [wrapper.Reason], so there are few of them.
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
