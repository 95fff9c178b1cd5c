terraform {
  required_version = ">= 1.11"
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}

variable "emulator_endpoint" {
  type = string
}

# What a test changes once everything stands: every resource of a gap has something that follows it.
variable "revision" {
  type    = number
  default = 1
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "000000000000"
  secret_key                  = "emulator"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  endpoints {
    acm            = var.emulator_endpoint
    cloudformation = var.emulator_endpoint
    cloudfront     = var.emulator_endpoint
    cloudwatch     = var.emulator_endpoint
    ec2            = var.emulator_endpoint
    eks            = var.emulator_endpoint
    elasticache    = var.emulator_endpoint
    elbv2          = var.emulator_endpoint
    iam            = var.emulator_endpoint
    kms            = var.emulator_endpoint
    logs           = var.emulator_endpoint
    rds            = var.emulator_endpoint
    route53        = var.emulator_endpoint
    s3             = var.emulator_endpoint
    secretsmanager = var.emulator_endpoint
    sns            = var.emulator_endpoint
    sts            = var.emulator_endpoint
    wafv2          = var.emulator_endpoint
  }
  default_tags {
    tags = { Purpose = "contract" }
  }
}

module "network" {
  source   = "./network"
  revision = var.revision
}

module "cluster" {
  source   = "./cluster"
  revision = var.revision
}

module "data" {
  source   = "./data"
  revision = var.revision
}

module "edge" {
  source   = "./edge"
  revision = var.revision
}

output "cluster_address" {
  value = module.cluster.cluster_address
}
