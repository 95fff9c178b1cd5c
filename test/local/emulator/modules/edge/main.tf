variable "revision" {
  type = number
}

resource "aws_vpc" "main" {
  cidr_block = "10.4.0.0/16"
}

resource "aws_subnet" "main" {
  count             = 2
  vpc_id            = aws_vpc.main.id
  availability_zone = "us-east-1${["a", "b"][count.index]}"
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 8, count.index)
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

# patch: acm.key-algorithm
resource "aws_acm_certificate" "main" {
  count             = 2
  domain_name       = "contract-${count.index}.test"
  validation_method = "DNS"
  key_algorithm     = "EC_prime256v1"
  tags              = { Revision = var.revision }
}

# patch: route53.dnssec
resource "aws_route53_zone" "main" {
  name          = "contract.test"
  comment       = "revision ${var.revision}"
  force_destroy = true
}

resource "aws_lb" "main" {
  name       = "contract"
  subnets    = aws_subnet.main[*].id
  depends_on = [aws_internet_gateway.main]
}

# patch: elbv2.protocol-version
resource "aws_lb_target_group" "main" {
  count                = 2
  name                 = "contract-${count.index}"
  port                 = 8080
  protocol             = "HTTP"
  protocol_version     = "HTTP1"
  target_type          = "ip"
  vpc_id               = aws_vpc.main.id
  deregistration_delay = 29 + var.revision
}

# patch: elbv2.forward
resource "aws_lb_listener" "main" {
  load_balancer_arn = aws_lb.main.arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = aws_acm_certificate.main[0].arn
  default_action {
    type = "forward"
    forward {
      target_group {
        arn    = aws_lb_target_group.main[0].arn
        weight = 90 + var.revision
      }
      target_group {
        arn    = aws_lb_target_group.main[1].arn
        weight = 10
      }
      stickiness {
        enabled  = true
        duration = 600
      }
    }
  }
}

# patch: elbv2.listener-certificate
resource "aws_lb_listener_certificate" "main" {
  listener_arn    = aws_lb_listener.main.arn
  certificate_arn = aws_acm_certificate.main[1].arn
}

# patch: elbv2.fixed-response
resource "aws_lb_listener_rule" "maintenance" {
  listener_arn = aws_lb_listener.main.arn
  priority     = 10
  action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/html"
      message_body = "<p>Revision ${var.revision} &amp; more</p>"
      status_code  = "503"
    }
  }
  condition {
    source_ip {
      values = ["203.0.113.0/24"]
    }
  }
}

# patch: elbv2.query-string
resource "aws_lb_listener_rule" "canary" {
  listener_arn = aws_lb_listener.main.arn
  priority     = 20
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.main[0].arn
  }
  condition {
    query_string {
      key   = "canary"
      value = "a&b=${var.revision}"
    }
  }
}

resource "aws_wafv2_web_acl" "main" {
  name  = "contract"
  scope = "REGIONAL"
  default_action {
    allow {}
  }
  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = "contract"
    sampled_requests_enabled   = true
  }
}

resource "aws_cloudwatch_log_group" "waf" {
  name = "aws-waf-logs-contract"
}

# patch: wafv2.logging
resource "aws_wafv2_web_acl_logging_configuration" "main" {
  resource_arn            = aws_wafv2_web_acl.main.arn
  log_destination_configs = [aws_cloudwatch_log_group.waf.arn]
  redacted_fields {
    single_header {
      name = ["authorization", "cookie"][var.revision - 1]
    }
  }
}

# patch: cloudfront.empty-headers
resource "aws_cloudfront_response_headers_policy" "main" {
  name    = "contract"
  comment = "revision ${var.revision}"
  security_headers_config {
    content_type_options {
      override = true
    }
  }
}

resource "aws_sns_topic" "main" {
  name = "contract"
}

# patch: sns.pending-subscription
resource "aws_sns_topic_subscription" "main" {
  topic_arn            = aws_sns_topic.main.arn
  protocol             = "https"
  endpoint             = "https://pager.contract.test/hook"
  raw_message_delivery = var.revision == 2
}

# patch: cloudwatch.metric-alarm
resource "aws_cloudwatch_metric_alarm" "metric" {
  alarm_name          = "contract-metric"
  namespace           = "AWS/RDS"
  metric_name         = "FreeStorageSpace"
  statistic           = "Minimum"
  period              = 60 * var.revision
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  threshold           = 0.5
  comparison_operator = "LessThanThreshold"
  treat_missing_data  = "breaching"
  dimensions          = { DBInstanceIdentifier = "contract", "A&B" = "1" }
  alarm_actions       = [aws_sns_topic.main.arn]
  ok_actions          = [aws_sns_topic.main.arn]
}

# patch: cloudwatch.metric-alarm
resource "aws_cloudwatch_metric_alarm" "rate" {
  alarm_name          = "contract-rate"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 2
  threshold           = var.revision
  metric_query {
    id          = "rate"
    expression  = "errors / requests * 100"
    return_data = true
  }
  metric_query {
    id = "errors"
    metric {
      metric_name = "HTTPCode_ELB_5XX_Count"
      namespace   = "AWS/ApplicationELB"
      period      = 60
      stat        = "Sum"
      dimensions  = { LoadBalancer = "app/contract/1" }
    }
  }
  metric_query {
    id = "requests"
    metric {
      metric_name = "RequestCount"
      namespace   = "AWS/ApplicationELB"
      period      = 60
      stat        = "Sum"
      dimensions  = { LoadBalancer = "app/contract/1" }
    }
  }
}
