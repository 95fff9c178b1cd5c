variable "revision" {
  type = number
}

resource "aws_vpc" "main" {
  cidr_block = "10.2.0.0/16"
}

resource "aws_subnet" "main" {
  count             = 2
  vpc_id            = aws_vpc.main.id
  availability_zone = "us-east-1${["a", "b"][count.index]}"
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 8, count.index)
}

resource "aws_iam_role" "main" {
  name = "contract-cluster"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = ["eks.amazonaws.com", "pods.eks.amazonaws.com"] }, Action = ["sts:AssumeRole", "sts:TagSession"] }]
  })
}

# patch: eks.cluster
# patch: eks.cluster-address
resource "aws_eks_cluster" "main" {
  name                      = "contract"
  role_arn                  = aws_iam_role.main.arn
  version                   = "1.36"
  enabled_cluster_log_types = slice(["api", "audit"], 0, var.revision)
  access_config {
    authentication_mode                         = "API"
    bootstrap_cluster_creator_admin_permissions = false
  }
  vpc_config {
    subnet_ids              = aws_subnet.main[*].id
    endpoint_private_access = true
    endpoint_public_access  = true
    public_access_cidrs     = ["203.0.113.${var.revision}/32"]
  }
  bootstrap_self_managed_addons = false
  upgrade_policy {
    support_type = "STANDARD"
  }
  zonal_shift_config {
    enabled = true
  }
}

output "cluster_address" {
  value = aws_eks_cluster.main.endpoint
}

resource "aws_kms_key" "main" {
  description = "contract"
}

# patch: ec2.launch-template-key
resource "aws_launch_template" "main" {
  name                   = "contract"
  update_default_version = true
  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      volume_size = 99 + var.revision
      encrypted   = true
      kms_key_id  = aws_kms_key.main.arn
    }
  }
  metadata_options {
    http_tokens = "required"
  }
}

# patch: eks.node-group
resource "aws_eks_node_group" "main" {
  cluster_name    = aws_eks_cluster.main.name
  node_group_name = "contract"
  node_role_arn   = aws_iam_role.main.arn
  subnet_ids      = aws_subnet.main[*].id
  ami_type        = "AL2023_x86_64_STANDARD"
  labels          = { Revision = var.revision }
  scaling_config {
    min_size     = 1
    desired_size = 1
    max_size     = 2 + var.revision
  }
  update_config {
    max_unavailable_percentage = 33
  }
  launch_template {
    id      = aws_launch_template.main.id
    version = aws_launch_template.main.latest_version
  }
  taint {
    key    = "revision"
    value  = var.revision
    effect = "NO_SCHEDULE"
  }
}

# patch: eks.addon-pod-identity
resource "aws_eks_addon" "driver" {
  cluster_name         = aws_eks_cluster.main.name
  addon_name           = "aws-ebs-csi-driver"
  configuration_values = jsonencode({ controller = { replicaCount = var.revision } })
  pod_identity_association {
    role_arn        = aws_iam_role.main.arn
    service_account = "ebs-csi-controller-sa"
  }
}
