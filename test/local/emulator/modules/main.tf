terraform {
  required_version = ">= 1.11"
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}

# What a test changes once everything stands: every patched resource has something that follows it.
variable "revision" {
  type    = number
  default = 1
}

# Asks the emulator that AWS_ENDPOINT_URL names.
provider "aws" {
  region                      = "us-east-1"
  access_key                  = "000000000000"
  secret_key                  = "emulator"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
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
