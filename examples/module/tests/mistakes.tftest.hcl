# Mistakes in the input are errors of the plan.

variables {
  name = "tftest-mistakes"
}

run "preset_without_remote" {
  command = plan
  variables {
    presets = { https = { self = false } }
  }
  expect_failures = [gcore_cloud_security_group.this]
}

run "unknown_preset" {
  command = plan
  variables {
    presets = { sssh = { self = true } }
  }
  expect_failures = [gcore_cloud_security_group.this]
}

run "unknown_service" {
  command = plan
  variables {
    presets = { https = { service = "htpps", self = true } }
  }
  expect_failures = [gcore_cloud_security_group.this]
}

run "public_ssh" {
  command = plan
  variables {
    presets = { ssh = { cidrs = ["203.0.113.0/24", "0.0.0.0/0"] } }
  }
  expect_failures = [gcore_cloud_security_group.this]
}

run "public_ssh_with_another_port" {
  command = plan
  variables {
    presets = { ssh = { cidrs = ["0.0.0.0/0"], ports = [2222] } }
  }
  expect_failures = [gcore_cloud_security_group.this]
}

run "public_ssh_by_another_preset" {
  command = plan
  variables {
    presets = { https = { cidrs = ["0.0.0.0/0"], ports = ["20-30"] } }
  }
  expect_failures = [gcore_cloud_security_group.this]
}

run "public_rdp_in_halves" {
  command = plan
  variables {
    presets = { rdp = { cidrs = ["8000::/1", "::/1"] } }
  }
  expect_failures = [gcore_cloud_security_group.this]
}

run "public_https_with_another_port" {
  command = plan
  variables {
    presets = { https = { cidrs = ["0.0.0.0/0", "::/0"], ports = [8443] } }
  }
}

run "ssh_to_everybody" {
  command = plan
  variables {
    presets = { ssh = { direction = "egress", cidrs = ["0.0.0.0/0", "::/0"] } }
  }
}

run "unknown_egress" {
  command = plan
  variables {
    egress = "everything"
  }
  expect_failures = [gcore_cloud_security_group.this]
}

run "no_name" {
  command = plan
  variables {
    name = null
  }
  expect_failures = [gcore_cloud_security_group.this]
}

run "id_of_a_group_to_be_created" {
  command = plan
  variables {
    security_group_id = "0b0e6ba5-5fa5-4a94-9d4c-3a9ad7d8b5a1"
  }
  expect_failures = [gcore_cloud_security_group.this]
}

run "entries_that_are_not_a_map" {
  command = plan
  variables {
    entries = "tcp/443"
  }
  expect_failures = [var.entries]
}

run "no_id_of_an_existing_group" {
  command = plan
  variables {
    name         = null
    create_group = false
    presets      = { https = { self = true } }
  }
  expect_failures = [gcore_cloud_security_group_rule.this]
}

run "unknown_preset_for_an_existing_group" {
  command = plan
  variables {
    name              = null
    create_group      = false
    security_group_id = "0b0e6ba5-5fa5-4a94-9d4c-3a9ad7d8b5a1"
    presets           = { sssh = { self = true } }
  }
  expect_failures = [gcore_cloud_security_group_rule.this]
}

run "name_of_an_existing_group" {
  command = plan
  variables {
    create_group      = false
    security_group_id = "0b0e6ba5-5fa5-4a94-9d4c-3a9ad7d8b5a1"
  }
  expect_failures = [check.ignored_inputs]
}

run "tags_of_an_existing_group" {
  command = plan
  variables {
    name              = null
    create_group      = false
    security_group_id = "0b0e6ba5-5fa5-4a94-9d4c-3a9ad7d8b5a1"
    tags              = { team = "web" }
  }
  expect_failures = [check.ignored_inputs]
}

run "ignore_rules_of_an_existing_group" {
  command = plan
  variables {
    name              = null
    create_group      = false
    security_group_id = "0b0e6ba5-5fa5-4a94-9d4c-3a9ad7d8b5a1"
    ignore_rules      = [{ protocol = "tcp", description_prefix = "lb-" }]
  }
  expect_failures = [check.ignored_inputs]
}

run "description_of_an_existing_group" {
  command = plan
  variables {
    name              = null
    create_group      = false
    security_group_id = "0b0e6ba5-5fa5-4a94-9d4c-3a9ad7d8b5a1"
    description       = "Web servers"
  }
  expect_failures = [check.ignored_inputs]
}

# With create = false none of this is checked.
run "create_is_false" {
  variables {
    create       = false
    create_group = false
    tags         = { team = null }
    presets      = { sssh = { cidrs = ["everybody"], direction = "in" } }
    entries      = { http = { ports = ["all"] } }
    rules        = { http = { direction = "in" } }
    egress       = "everything"
  }
}
