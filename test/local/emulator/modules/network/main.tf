variable "revision" {
  type = number
}

resource "aws_vpc" "main" {
  cidr_block           = "10.1.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_subnet" "main" {
  count             = 2
  vpc_id            = aws_vpc.main.id
  availability_zone = "us-east-1${["a", "b"][count.index]}"
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 8, count.index)
}

# patch: ec2.network-acl
resource "aws_network_acl" "main" {
  vpc_id     = aws_vpc.main.id
  subnet_ids = [aws_subnet.main[0].id]
  ingress {
    rule_no    = 100
    protocol   = "tcp"
    action     = "allow"
    cidr_block = "10.1.0.0/16"
    from_port  = 5432
    to_port    = 5431 + var.revision
  }
  ingress {
    rule_no    = 110
    protocol   = "icmp"
    action     = "allow"
    cidr_block = "10.1.0.0/16"
    icmp_type  = 8
    icmp_code  = -1
    from_port  = 0
    to_port    = 0
  }
  egress {
    rule_no    = 100
    protocol   = "tcp"
    action     = "allow"
    cidr_block = "10.1.0.0/16"
    from_port  = 1024
    to_port    = 65535
  }
}

resource "aws_cloudwatch_log_group" "flow" {
  name = "contract/flow"
}

resource "aws_iam_role" "flow" {
  name = "contract-flow"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "vpc-flow-logs.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

# patch: ec2.flow-log
resource "aws_flow_log" "main" {
  vpc_id                   = aws_vpc.main.id
  traffic_type             = "ALL"
  log_destination          = aws_cloudwatch_log_group.flow.arn
  iam_role_arn             = aws_iam_role.flow.arn
  max_aggregation_interval = 60
  tags                     = { Revision = var.revision }
}

resource "aws_security_group" "main" {
  count  = 2
  name   = "contract-${count.index}"
  vpc_id = aws_vpc.main.id
}

data "aws_ec2_managed_prefix_list" "cloudfront" {
  name = "com.amazonaws.global.cloudfront.origin-facing"
}

# patch: ec2.rule-prefix-list
resource "aws_vpc_security_group_ingress_rule" "cloudfront" {
  security_group_id = aws_security_group.main[0].id
  description       = "CloudFront ${var.revision}"
  prefix_list_id    = data.aws_ec2_managed_prefix_list.cloudfront.id
  from_port         = 443
  to_port           = 443
  ip_protocol       = "tcp"
}

# patch: ec2.rule-tags
resource "aws_vpc_security_group_egress_rule" "everywhere" {
  security_group_id = aws_security_group.main[0].id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
  tags              = { Revision = var.revision }
}

# patch: ec2.vpc-endpoint
# patch: sdk.retry
resource "aws_vpc_endpoint" "interface" {
  vpc_id              = aws_vpc.main.id
  service_name        = "com.amazonaws.us-east-1.secretsmanager"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = aws_subnet.main[*].id
  security_group_ids  = slice(aws_security_group.main[*].id, 0, var.revision)
  private_dns_enabled = true
}

# patch: ec2.vpc-endpoint
resource "aws_vpc_endpoint" "gateway" {
  vpc_id       = aws_vpc.main.id
  service_name = "com.amazonaws.us-east-1.s3"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Revision${var.revision}", Effect = "Allow", Principal = "*", Action = "s3:*", Resource = "*" }]
  })
}
