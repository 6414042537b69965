// What the page's words mean, for who meets them for the first time.

// [the page has the word, word, meaning].
function glossaryOf({curves, shown}) {
  const {classification, regression} = shown;
  const has = (name) => curves.some((curve) => curve.name === name);
  const confusion = classification && classification.confusion;
  return [
    [curves.length, 'Step, epoch',
     'A step changes the weights once, after one batch of examples. An epoch ' +
         'is one pass over the training examples.'],
    [has('loss'), 'Loss',
     'What training makes smaller: how far outputs are from what they should ' +
         'be, as a mean over examples. "steps" is that of a step\'s own batch, ' +
         '"train" the mean of an epoch\'s batches while the weights changed, ' +
         '"test" that of examples which are not trained on. Where the test loss ' +
         'rises while the training loss falls, the model learns by heart.'],
    [has('learning_rate'), 'Learning rate', 'How far a step goes.'],
    [has('gradient_norm'), 'Gradient norm',
     'The length of the gradient over all weights, before it is clipped. One ' +
         'that grows without end tells of a learning rate that is too large.'],
    [classification, 'Accuracy',
     'The part of the examples whose likeliest class is the true one.'],
    [classification && hasTopFive(classification), 'Top-5 accuracy',
     'The part of the examples whose true class is among the five likeliest.'],
    [classification, '95 % interval',
     'Where the accuracy over all examples of this kind lies, as far as a test ' +
         'set of this size can tell (Wilson 1927). Runs whose intervals overlap ' +
         'much may be equally good.'],
    [classification, 'Perplexity',
     'e to the power of the loss: a model as unsure as if it chose among so ' +
         'many classes.'],
    [confusion, 'Precision, recall, F1',
     'Of a class: the part of what was taken for it that is of it; the part of ' +
         'what is of it that was found; and their harmonic mean. Macro F1 is ' +
         'the mean over the classes.'],
    [classification, 'Confidence, calibration',
     'The confidence is the probability that the model gives to its answer. A ' +
         'model is calibrated if of its answers with a confidence of 80 % four ' +
         'in five are right. The expected calibration error is the mean ' +
         'distance from that (Guo and others 2017).'],
    [regression, 'Mean squared and mean absolute error',
     'The means of (predicted - true)² and of |predicted - true|.'],
    [regression, 'R²',
     'The part of the variance of the true values that the predictions ' +
         'explain: 1 if all are right, 0 for a model that always says the mean.'],
  ].filter(([there]) => there);
}

function glossary(data) {
  const words = glossaryOf(data);
  if (words.length === 0) return null;
  return foldable('glossary', 'What the words mean', make(
      'dl', {class: 'glossary'},
      ...words.flatMap(([, word, meaning]) => [
        make('dt', {}, word), make('dd', {}, meaning)])));
}
