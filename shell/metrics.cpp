#include "shell/metrics.hpp"

#include <exception>
#include <utility>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "core/base/assert.hpp"

namespace tally::shell {
namespace {

/// prometheus-cpp throws when a name is wrong or taken by another kind: a programming error.
template <class Add>
decltype(auto) without_throwing(Add add) {
  try {
    return add();
  } catch (const std::exception&) {
    assertion_failed("the metric's name is allowed and of one kind", __FILE__, __LINE__);
  }
}

}  // namespace

void Counter::add(double amount) const {
  counter_->Increment(amount);
}
double Counter::value() const {
  return counter_->Value();
}
void Gauge::set(double value) const {
  gauge_->Set(value);
}
void Gauge::add(double amount) const {
  gauge_->Increment(amount);
}
double Gauge::value() const {
  return gauge_->Value();
}
void Histogram::observe(double value) const {
  histogram_->Observe(value);
}

std::vector<double> duration_buckets_s() {
  return {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10};
}

struct Metrics::Impl {
  prometheus::Registry registry{prometheus::Registry::InsertBehavior::Merge};
  std::vector<std::function<void()>> refreshers;
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

Counter Metrics::counter(const std::string& name, const std::string& help, const Labels& labels) {
  return Counter(without_throwing([&]() -> prometheus::Counter& {
    return prometheus::BuildCounter().Name(name).Help(help).Register(impl_->registry).Add(labels);
  }));
}

Gauge Metrics::gauge(const std::string& name, const std::string& help, const Labels& labels) {
  return Gauge(without_throwing([&]() -> prometheus::Gauge& {
    return prometheus::BuildGauge().Name(name).Help(help).Register(impl_->registry).Add(labels);
  }));
}

Histogram Metrics::histogram(const std::string& name,
                             const std::string& help,
                             const std::vector<double>& buckets,
                             const Labels& labels) {
  return Histogram(without_throwing([&]() -> prometheus::Histogram& {
    return prometheus::BuildHistogram()
        .Name(name)
        .Help(help)
        .Register(impl_->registry)
        .Add(labels, buckets);
  }));
}

void Metrics::before_text(std::function<void()> refresh) {
  impl_->refreshers.push_back(std::move(refresh));
}

std::string Metrics::text() const {
  for (const auto& refresh : impl_->refreshers) {
    refresh();
  }
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

transport::http::Handler Metrics::handler() const {
  return [this](const transport::http::Request&, const transport::http::Reply& reply) {
    reply({200, "text/plain; version=0.0.4; charset=utf-8", text(), {}});
  };
}

}  // namespace tally::shell
