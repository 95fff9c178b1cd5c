variable "revision" {
  type = number
}

resource "aws_vpc" "main" {
  cidr_block = "10.3.0.0/16"
}

resource "aws_subnet" "main" {
  count             = 2
  vpc_id            = aws_vpc.main.id
  availability_zone = "us-east-1${["a", "b"][count.index]}"
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 8, count.index)
}

resource "aws_kms_key" "main" {
  description = "contract"
}

resource "aws_iam_role" "monitoring" {
  name = "contract-monitoring"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "monitoring.rds.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_db_subnet_group" "main" {
  name       = "contract"
  subnet_ids = aws_subnet.main[*].id
}

# patch: rds.instance-settings
# patch: rds.managed-password
# patch: rds.resource-id-filter
resource "aws_db_instance" "primary" {
  identifier                            = "contract"
  engine                                = "postgres"
  engine_version                        = "15"
  engine_lifecycle_support              = "open-source-rds-extended-support-disabled"
  instance_class                        = "db.r5.2xlarge"
  allocated_storage                     = 500
  storage_type                          = "gp3"
  iops                                  = 12000
  storage_throughput                    = 499 + var.revision
  storage_encrypted                     = true
  kms_key_id                            = aws_kms_key.main.arn
  db_name                               = "contract"
  username                              = "contract"
  manage_master_user_password           = true
  master_user_secret_kms_key_id         = aws_kms_key.main.key_id
  port                                  = 5432
  db_subnet_group_name                  = aws_db_subnet_group.main.name
  backup_retention_period               = 7
  backup_window                         = "02:00-03:00"
  maintenance_window                    = "sun:04:00-sun:05:00"
  copy_tags_to_snapshot                 = true
  apply_immediately                     = true
  skip_final_snapshot                   = true
  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.monitoring.arn
  performance_insights_enabled          = true
  performance_insights_kms_key_id       = aws_kms_key.main.arn
  performance_insights_retention_period = 7
  enabled_cloudwatch_logs_exports       = slice(["postgresql", "upgrade"], 0, var.revision)
}

# patch: rds.replica
resource "aws_db_instance" "replica" {
  identifier          = "contract-replica"
  replicate_source_db = aws_db_instance.primary.identifier
  instance_class      = "db.r5.xlarge"
  port                = 5432
  storage_encrypted   = true
  skip_final_snapshot = true
}

resource "aws_elasticache_subnet_group" "main" {
  name       = "contract"
  subnet_ids = aws_subnet.main[*].id
}

# patch: elasticache.parameters
resource "aws_elasticache_parameter_group" "main" {
  name   = "contract"
  family = "redis7"
  parameter {
    name  = "timeout"
    value = 300 + var.revision
  }
}

# patch: elasticache.replication-group
resource "aws_elasticache_replication_group" "main" {
  replication_group_id       = "contract"
  description                = "contract"
  engine                     = "redis"
  engine_version             = "7.1"
  node_type                  = "cache.r6g.xlarge"
  num_cache_clusters         = 2
  port                       = 6379
  parameter_group_name       = aws_elasticache_parameter_group.main.name
  subnet_group_name          = aws_elasticache_subnet_group.main.name
  multi_az_enabled           = true
  automatic_failover_enabled = true
  at_rest_encryption_enabled = true
  kms_key_id                 = aws_kms_key.main.arn
  transit_encryption_enabled = true
  snapshot_retention_limit   = 4 + var.revision
  snapshot_window            = "01:00-02:00"
  maintenance_window         = "sun:0${2 + var.revision}:00-sun:0${3 + var.revision}:00"
  auto_minor_version_upgrade = false
  apply_immediately          = true
}

# patch: elasticache.user
resource "aws_elasticache_user" "main" {
  user_id       = "contract"
  user_name     = "contract"
  engine        = "redis"
  access_string = "on ~${var.revision}:* +@all"
  authentication_mode {
    type = "iam"
  }
}

resource "aws_sns_topic" "main" {
  name = "contract-data"
}

# patch: rds.event-subscription
resource "aws_db_event_subscription" "main" {
  name             = "contract"
  sns_topic        = aws_sns_topic.main.arn
  source_type      = "db-instance"
  source_ids       = [aws_db_instance.primary.identifier]
  event_categories = slice(["failover", "failure"], 0, var.revision)
}

resource "aws_iam_role" "stack" {
  name = "contract-stack"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "cloudformation.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

# patch: cloudformation.role
resource "aws_cloudformation_stack" "main" {
  name         = "contract"
  iam_role_arn = aws_iam_role.stack.arn
  template_body = jsonencode({
    Resources = {
      User = {
        Type = "AWS::ElastiCache::User"
        Properties = {
          Engine             = "redis"
          UserId             = "contract-stack"
          UserName           = "stack"
          AccessString       = "on ~${var.revision}:* +@all"
          NoPasswordRequired = true
        }
      }
    }
  })
}
