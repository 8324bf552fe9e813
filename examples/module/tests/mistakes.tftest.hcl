# What a module should not do silently.

variables {
  name = "tftest-mistakes"
}

run "a_preset_for_nobody" {
  command = plan
  variables {
    presets = { https = {} }
  }
  expect_failures = [var.presets]
}

run "a_preset_for_nobody_but_self_is_false" {
  command = plan
  variables {
    presets = { https = { self = false } }
  }
  expect_failures = [var.presets]
}

run "a_preset_that_does_not_exist" {
  command = plan
  variables {
    presets = { sssh = { self = true } }
  }
  expect_failures = [output.rule_keys]
}

run "ssh_for_everybody" {
  command = plan
  variables {
    presets = { ssh = { cidrs = ["203.0.113.0/24", "0.0.0.0/0"] } }
  }
  expect_failures = [output.rule_keys]
}

run "rdp_for_everybody_in_halves" {
  command = plan
  variables {
    presets = { rdp = { cidrs = ["8000::/1", "::/1"] } }
  }
  expect_failures = [output.rule_keys]
}

run "https_for_everybody" {
  command = plan
  variables {
    presets = { https = { cidrs = ["0.0.0.0/0", "::/0"] } }
  }
}

run "no_name" {
  command = plan
  variables {
    name = null
  }
  expect_failures = [gcore_cloud_security_group.this]
}

run "two_groups_at_once" {
  command = plan
  variables {
    group_id = "0b0e6ba5-5fa5-4a94-9d4c-3a9ad7d8b5a1"
  }
  expect_failures = [gcore_cloud_security_group.this]
}

run "no_group" {
  command = plan
  variables {
    create_group = false
  }
  expect_failures = [output.group_id]
}

run "entries_that_are_no_map" {
  command = plan
  variables {
    entries = "tcp/443"
  }
  expect_failures = [var.entries]
}

run "egress_of_another_name" {
  command = plan
  variables {
    egress = "everything"
  }
  expect_failures = [var.egress]
}

run "a_tag_of_null" {
  command = plan
  variables {
    tags = { team = null }
  }
  expect_failures = [var.tags]
}
