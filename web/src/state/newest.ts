// One question on its way, then the newest: for answers that follow a hand.
//
//   const newest = new Newest({ ask: (place) => client.call("nd.probe", { world: place }), onAnswer: (answer) => … });
//   newest.want(place);     newest.want(null);

export interface NewestOptions<Question, Answer> {
  ask: (question: Question) => Promise<Answer | null>;
  /** `null`: nothing is wanted, or the question was refused. */
  onAnswer: (answer: Answer | null, error?: unknown) => void;
  /** Between an answer and the next question. */
  interval_ms: number;
}

export class Newest<Question, Answer> {
  private readonly options_: NewestOptions<Question, Answer>;
  private wanted_: Question | null = null;
  private asking_ = false;
  private timer_: ReturnType<typeof setTimeout> | undefined;

  constructor(options: NewestOptions<Question, Answer>) {
    this.options_ = options;
  }

  want(question: Question | null): void {
    this.wanted_ = question;
    if (question === null) this.options_.onAnswer(null);
    else if (!this.asking_ && this.timer_ === undefined) void this.ask(question);
  }

  private async ask(question: Question): Promise<void> {
    this.asking_ = true;
    let answer: Answer | null = null;
    let error: unknown;
    try {
      answer = await this.options_.ask(question);
    } catch (refusal) {
      error = refusal;
    }
    this.asking_ = false;
    if (this.wanted_ !== null) this.options_.onAnswer(answer, error);
    if (this.wanted_ === question) return;
    this.timer_ = setTimeout(() => {
      this.timer_ = undefined;
      if (this.wanted_ !== null && this.wanted_ !== question) void this.ask(this.wanted_);
    }, this.options_.interval_ms);
  }
}
