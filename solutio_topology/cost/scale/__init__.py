"""What an environment costs as it grows: demand, what it makes of services, pools and plans, and the bill of that.

`ground` is what a plan starts from, `demand` counts what each tenant pod is asked for, `sizing` follows the rules of
the topology, `pools` counts nodes, `values` lays the result over the topology, `price` prices it with the same bill as
always, `limits` and `even` look for what runs out and where tiers break even, `plan` puts it together.
"""
